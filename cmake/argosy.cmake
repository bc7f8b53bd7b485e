# argosy.cmake: how every target of this tree is compiled, said once.

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
find_program(ARGOSY_CCACHE ccache)
if(ARGOSY_CCACHE) # paths relative to the tree, so that a second clone finds what the first compiled
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}"
    CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
    "${ARGOSY_CCACHE}")
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()

add_library(argosy_options INTERFACE)
target_compile_features(argosy_options INTERFACE cxx_std_20)
target_include_directories(argosy_options INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}")
target_compile_options(argosy_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -fno-omit-frame-pointer
  $<$<BOOL:${ARGOSY_WERROR}>:-Werror>)
if(ARGOSY_SANITIZE)
  target_compile_options(argosy_options INTERFACE -fsanitize=${ARGOSY_SANITIZE} -fno-sanitize-recover=undefined)
  target_link_options(argosy_options INTERFACE -fsanitize=${ARGOSY_SANITIZE})
  if(ARGOSY_SANITIZE MATCHES thread) # gcc cannot follow the fences of Asio and says so
    target_compile_options(argosy_options INTERFACE -Wno-tsan)
  endif()
endif()

if(ARGOSY_FUZZ) # the fuzzers steer by the coverage of all code, not of their own file alone
  target_compile_options(argosy_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# argosy_library(NAME sources... [PCH headers...] [LINK libraries...])
function(argosy_library name)
  cmake_parse_arguments(arg "" "" "PCH;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC argosy_options ${arg_LINK})
  if(arg_PCH)
    target_precompile_headers(${name} PRIVATE ${arg_PCH})
  endif()
endfunction()

# argosy_program(NAME sources... [PCH headers...] [LINK libraries...])
function(argosy_program name)
  cmake_parse_arguments(arg "" "" "PCH;LINK" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE argosy_options ${arg_LINK})
  if(arg_PCH)
    target_precompile_headers(${name} PRIVATE ${arg_PCH})
  endif()
endfunction()
