"""PSA-ResNet."""
