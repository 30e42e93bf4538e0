# Finds the libraries that others keep better than we could, as imported targets lgd::NAME. With LGD_STATIC the
# archives are taken, so that the program runs on any machine with the same libc.

find_package(Threads REQUIRED)

# lgd_find(NAME header archive-or-library-name [folder...]): the folders are looked into first.
function(lgd_find name header library)
  find_path(LGD_${name}_INCLUDE ${header} PATH_SUFFIXES ${ARGN} REQUIRED)
  if(LGD_STATIC)
    find_library(LGD_${name}_LIBRARY lib${library}.a PATH_SUFFIXES ${ARGN} REQUIRED)
  else()
    find_library(LGD_${name}_LIBRARY ${library} PATH_SUFFIXES ${ARGN} REQUIRED)
  endif()
  add_library(lgd::${name} UNKNOWN IMPORTED)
  set_target_properties(lgd::${name} PROPERTIES IMPORTED_LOCATION "${LGD_${name}_LIBRARY}")
  target_include_directories(lgd::${name} SYSTEM INTERFACE "${LGD_${name}_INCLUDE}")
endfunction()

lgd_find(pcre2 pcre2.h pcre2-8)
lgd_find(yaml yaml.h yaml)
lgd_find(zlib zlib.h z)
lgd_find(zstd zstd.h zstd)
lgd_find(lzma lzma.h lzma)
# The flavour that is safe to call from several threads (src/compute/blas.c); others may be installed beside it.
lgd_find(openblas cblas.h openblas openblas-pthread openblas)
if(LGD_STATIC)
  target_compile_definitions(lgd::pcre2 INTERFACE PCRE2_STATIC)
  target_compile_definitions(lgd::yaml INTERFACE YAML_DECLARE_STATIC)
  target_compile_definitions(lgd::lzma INTERFACE LZMA_API_STATIC)
endif()
