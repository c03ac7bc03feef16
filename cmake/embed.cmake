# cs_embed(target HEADER name.h FUNCTION ns::function ROOT folder FILES …) puts files into the library `target` as they are.
#
# The header `HEADER` (in the target's own build folder) declares `std::span<const countersign::EmbeddedFile> function()`:
# one entry for each of FILES (paths relative to ROOT), in the order given. The assembler takes the bytes in, so a changed
# file costs no compilation of C++.
function(cs_embed target)
  cmake_parse_arguments(EMBED "" "HEADER;FUNCTION;ROOT" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded)
  string(REGEX REPLACE "^(.*)::([^:]+)$" "\\1;\\2" parts "${EMBED_FUNCTION}")
  list(GET parts 0 namespace)
  list(GET parts 1 function)
  string(MAKE_C_IDENTIFIER "${target}_${function}" symbol)

  set(assembly "  .section .rodata\n")
  set(externs "")
  set(entries "")
  set(paths "")
  set(number 0)
  foreach(file ${EMBED_FILES})
    set(id ${symbol}_${number})
    string(APPEND assembly "  .global ${id}\n  .global ${id}_end\n${id}:\n  .incbin \"${EMBED_ROOT}/${file}\"\n${id}_end:\n  .byte 0\n")
    string(APPEND externs "extern const char ${id}[];\nextern const char ${id}_end[];\n")
    string(APPEND entries "    {\"${file}\", {${id}, static_cast<std::size_t>(${id}_end - ${id})}},\n")
    list(APPEND paths ${EMBED_ROOT}/${file})
    math(EXPR number "${number} + 1")
  endforeach()
  string(APPEND assembly "  .section .note.GNU-stack,\"\",@progbits\n")

  file(CONFIGURE OUTPUT ${out}/${function}.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${out}/${EMBED_HEADER} @ONLY CONTENT
"#pragma once

#include <span>

#include \"base/embedded_file.h\"

namespace ${namespace} {
std::span<const EmbeddedFile> ${function}();
}
")
  file(CONFIGURE OUTPUT ${out}/${function}.cpp @ONLY CONTENT
"#include \"${EMBED_HEADER}\"

#include <array>

extern \"C\" {
${externs}}

namespace ${namespace} {
std::span<const EmbeddedFile> ${function}() {
  static const std::array<EmbeddedFile, ${number}> files{{
${entries}  }};
  return files;
}
}
")
  set_source_files_properties(${out}/${function}.S PROPERTIES OBJECT_DEPENDS "${paths}")
  set_source_files_properties(${out}/${function}.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${out}/${function}.cpp ${out}/${function}.S)
  target_include_directories(${target} PRIVATE ${out})
endfunction()
