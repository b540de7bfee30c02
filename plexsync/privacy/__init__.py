"""Takes out of texts whose library it is: paths, titles, names and hosts become words that only this machine makes."""
