"""What the page and the shell do, without either: ask `ferstudio.studio.studio.Studio`."""
