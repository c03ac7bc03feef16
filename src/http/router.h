#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/reply.h"

namespace countersign::http {

/// Which handler answers which method and path. Filled at start, then read by all I/O threads.
///
/// A pattern is a path whose segments are literal or a capture: `/v1/transactions/{id}/claim`. A capture takes one
/// whole segment that is not empty; `{rest*}`, at the end alone, takes all that remains, slashes included. Literals win
/// over captures. Literals are compared with the path as received: an escaped spelling of one is another path, as it is
/// for the access rules of a proxy before us. Trailing slashes count. HEAD is answered by GET's handler where it has
/// none.
class Router {
 public:
  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  /// `name` is for metrics and logs (few, fixed words: paths may hold secrets). Two routes for the same method and
  /// path, or a malformed pattern, are bugs and end the process. What a capture called `{id}` or `{sid}` holds becomes
  /// request.object, which is logged where it is written as an id: no secret and nobody's name may be called so.
  void add(Method method, std::string_view pattern, std::string_view name, Handler handler);

  /// Answers for unknown paths. Default: plain_problem(404, "not_found").
  void on_not_found(Handler handler);
  /// Answers for a known path with another method; `allow` is the value for the Allow header, which the handler sets.
  /// Default: plain_problem(405, "method_not_allowed") with Allow.
  using MethodNotAllowed = std::function<void(Request, Reply, std::string allow)>;
  void on_method_not_allowed(MethodNotAllowed handler);

  /// Finds the route and fills request.params, .route and .object with it; call() then runs what was found.
  struct Route;
  struct Match {
    const Route* route = nullptr;
    std::string allow{};  ///< Without a route: what the path would have allowed; empty for an unknown path.
  };
  [[nodiscard]] Match match(Request& request) const;
  void call(Match match, Request request, Reply reply) const;

  /// Both at once.
  void dispatch(Request request, Reply reply) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  Handler not_found_;
  MethodNotAllowed method_not_allowed_;
};

}  // namespace countersign::http
