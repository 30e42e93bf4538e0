# Finds the libraries that others keep better than we could, as imported targets lgd::NAME. With LGD_STATIC the
# archives are taken, so that the program runs on any machine with the same libc. OpenBLAS's archive is taken wherever there
# is one: a shared OpenBLAS starts a thread for every core before we can tell it not to (src/cli/one_thread.c), and kills the
# process where the system gives it none.

find_package(Threads REQUIRED)

# lgd_find(NAME header library [ARCHIVE] [folder...]): the folders are looked into first. ARCHIVE: rather its archive.
function(lgd_find name header library)
  cmake_parse_arguments(FIND "ARCHIVE" "" "" ${ARGN})
  set(folders ${FIND_UNPARSED_ARGUMENTS})
  if(LGD_STATIC)
    set(files lib${library}.a)
  elseif(FIND_ARCHIVE)
    set(files lib${library}.a ${library})
  else()
    set(files ${library})
  endif()
  find_path(LGD_${name}_INCLUDE ${header} PATH_SUFFIXES ${folders} REQUIRED)
  find_library(LGD_${name}_LIBRARY NAMES ${files} PATH_SUFFIXES ${folders} REQUIRED)
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
lgd_find(openblas cblas.h openblas ARCHIVE openblas-pthread openblas)
if(LGD_STATIC)
  target_compile_definitions(lgd::pcre2 INTERFACE PCRE2_STATIC)
  target_compile_definitions(lgd::yaml INTERFACE YAML_DECLARE_STATIC)
  target_compile_definitions(lgd::lzma INTERFACE LZMA_API_STATIC)
endif()
