#pragma once

#include "main/commands/admin.h"
#include "main/commands/local_socket.h"

namespace countersign::main {

/// Asks the server to run the operation. Limits time and size. Without an answer it is unknown whether the operation
/// ran, and the error says so.
[[nodiscard]] AdminAnswer ask_server(Descriptor connection, const AdminCall& call);

}  // namespace countersign::main
