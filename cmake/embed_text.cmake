# Writes a text file as a C++ string literal: cmake -DINPUT=… -DOUTPUT=… -DNAME=kName -P embed_text.cmake
# In pieces, because the standard promises no more than 64 KiB for one literal.
file(READ ${INPUT} text)
string(LENGTH "${text}" length)
set(literal "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 8000 piece)
  string(APPEND literal "    R\"embedded(${piece})embedded\"\n")
  math(EXPR at "${at} + 8000")
endwhile()
file(WRITE ${OUTPUT} "#include <string_view>\n\nnamespace countersign {\nextern const std::string_view ${NAME};\nconst std::string_view ${NAME} =\n${literal}    \"\";\n}  // namespace countersign\n")
