#pragma once

#include "main/admin.h"
#include "main/local_socket.h"

namespace countersign::app {

/// Has the server at the other end of the connection do it. Bounded in time and size; an answer that does not come
/// leaves open whether it was done, and the sentence says so.
[[nodiscard]] AdminAnswer ask_server(Descriptor connection, const AdminCall& call);

}  // namespace countersign::app
