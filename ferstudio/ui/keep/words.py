"""The words of the row that saves what is shown. Sentences with numbers are small functions."""

SAVE = "Save"
PNG, SVG = "PNG", "SVG"
PNG_TIP = "Save picture: what is shown, with legend, models, cover, seed and date, as PNG."
SVG_TIP = "Save picture: the same as SVG, sharp at any size."
CSV, JSON = "CSV", "JSON"
CSV_TIP = "Save numbers: a table of what is shown."
JSON_TIP = (
    "Save numbers with their recipe, from which python -m ferstudio analyze --recipe gives them "
    "again. The face is part of it."
)
REPORT = "Report"
REPORT_TIP = (
    "One HTML file that opens anywhere without a network: face, answers, heatmaps, attention, "
    "robustness, definitions with sources, versions. The browser prints it to PDF."
)
LINK = "Link"
LINK_TIP = "Copy the address: it holds all settings, but no photograph, paint or sticker."
LINKED = "The link is copied. It holds all settings, but no photograph, paint or sticker."
NOT_LINKED = (
    "Copy the address of this page: it holds all settings, but no photograph, paint or sticker."
)
MAKING = "Making the file …"
NOTHING_KEPT = "Nothing of this tab is kept, so there is nothing to save."


def saved(name: str) -> str:
    """Return which file the browser was given."""
    return f"{name} is saved where your browser keeps downloads."
