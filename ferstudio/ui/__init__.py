"""The page. Importing this package builds nothing; `ferstudio.ui.page.build_app` does."""
