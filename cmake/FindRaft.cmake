# FindRaft: the C library libraft, of which Debian ships a .pc file but no package config.
# Target: Raft::raft (imported, so its headers are system headers).
include(FindPackageHandleStandardArgs)
find_package(PkgConfig QUIET)
pkg_check_modules(PC_RAFT QUIET raft)

find_path(RAFT_INCLUDE_DIR NAMES raft.h HINTS ${PC_RAFT_INCLUDE_DIRS})
find_library(RAFT_LIBRARY NAMES raft HINTS ${PC_RAFT_LIBRARY_DIRS})
mark_as_advanced(RAFT_INCLUDE_DIR RAFT_LIBRARY)

find_package_handle_standard_args(Raft REQUIRED_VARS RAFT_LIBRARY RAFT_INCLUDE_DIR VERSION_VAR PC_RAFT_VERSION)

if(Raft_FOUND AND NOT TARGET Raft::raft)
  add_library(Raft::raft UNKNOWN IMPORTED)
  set_target_properties(Raft::raft PROPERTIES
    IMPORTED_LOCATION "${RAFT_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${RAFT_INCLUDE_DIR}")
endif()
