"""How answers of each kind are compared image by image: one file each."""
