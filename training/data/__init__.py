"""The faces: where they are kept, what each is taught, how they are cut out."""
