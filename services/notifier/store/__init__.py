"""The notifier's SQL, a file for each thing it keeps."""
