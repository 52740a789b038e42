# The words around a letter.
