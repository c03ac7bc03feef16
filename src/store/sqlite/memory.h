#pragma once

namespace countersign::store::sqlite {

/// Gives SQLite its memory from lists of free blocks that each thread keeps by size: every statement takes and returns
/// a block for each register that holds a text, and Debian's SQLite is built without the lists of its own. Of the
/// process; only before SQLite is used first. Blocks of more than 2 KB, and what a thread has too many of, are
/// malloc's.
void keep_free_blocks();

}  // namespace countersign::store::sqlite
