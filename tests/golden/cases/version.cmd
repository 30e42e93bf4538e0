$LOGDETECT --version
$LOGDETECT --version -v | grep -Eo '^  (PCRE2|zlib|libyaml|libzstd|zstd|liblzma|compiler|backends +ref, blas|OpenBLAS)'
