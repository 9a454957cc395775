"""The words of the Feature space tab. Sentences with numbers are small functions."""

TAB = "Feature space"
LOADING = "Placing the face …"
KIND_LABEL = "Projection"
KINDS = {"tsne": "t-SNE", "pca": "PCA", "umap": "UMAP"}
KIND_TIPS = {
    "tsne": "Neighbours stay neighbours; distances between groups mean little.",
    "pca": "The two directions in which features differ most; the only map whose distances count.",
    "umap": "Neighbours stay neighbours, groups keep some of their distances.",
}
NOTE = (
    "Each dot is a validation face, coloured by its label. The star is your face; the line is its "
    "way as the cover grows from nothing to all. Outlined dots are its nearest neighbours."
)
SILHOUETTE = "silhouette"
SILHOUETTE_TIP = (
    "How much nearer faces are to their own emotion than to the next one, from −1 to 1, on the "
    "features themselves (Rousseeuw 1987)."
)
PURITY = "purity"
PURITY_TIP = (
    "Of a face's ten nearest others, the share that shows its emotion; every emotion counts alike."
)
FACES_TIP = "Validation faces in the map; pictures of them aren't stored."


def faces(count: int) -> str:
    """Return the number of faces in words."""
    return f"{count:,} faces"
