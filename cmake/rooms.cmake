# cs_room(name SOURCES … LINKS … [PRIVATE_LINKS …]) makes the library of one folder under src/.
#
# The only include path that a room gives away holds just that room (a link to its folder), so `#include "store/tx.h"`
# compiles only where `store` is linked: a wrong arrow fails to build.
function(cs_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(include ${PROJECT_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${include})
  if(NOT EXISTS ${include}/${name})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${name} ${include}/${name} SYMBOLIC)
  endif()
  add_library(cs_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(cs_${name} PUBLIC ${include})
  target_link_libraries(cs_${name} PUBLIC ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
  cs_precompile(cs_${name} cs_precompiled)
endfunction()

# cs_test(name SOURCES … LINKS … [TIMEOUT seconds] [THREADED]) makes one GoogleTest binary and registers it as one ctest
# entry. THREADED: the suite starts threads, so it also runs under the thread sanitizer.
add_custom_target(threaded_tests)
function(cs_test name)
  cmake_parse_arguments(TEST "THREADED" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE CS_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CS_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE ${TEST_LINKS} GTest::gmock GTest::gtest_main)
  # As the libraries are compiled, and not -fPIE: else the precompiled headers would not be taken.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC ${CS_TEST_OPTIONS})
  cs_precompile(${name} cs_precompiled_tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT})
  if(TEST_THREADED)
    set_tests_properties(${name} PROPERTIES LABELS threaded)
    add_dependencies(threaded_tests ${name})
  endif()
endfunction()
