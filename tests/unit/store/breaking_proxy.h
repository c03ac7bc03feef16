#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "scratch_folder.h"

namespace countersign::store {

/// Stands between a store and a PostgreSQL socket, and breaks one connection at a chosen point. Once each time.
class BreakingProxy {
 public:
  enum class Break {
    kNever,
    kBefore,         ///< What holds the text is not passed on.
    kAfter,          ///< It is passed on and carried out, but its answer is not.
    kLate,           ///< It is kept back, and passed on by release().
    kBeforeForGood,  ///< Like kBefore, and every connection that comes later is refused, until mend().
    kAfterForGood,   ///< Like kAfter, and the same.
  };

  explicit BreakingProxy(std::filesystem::path socket);
  ~BreakingProxy();
  BreakingProxy(const BreakingProxy&) = delete;
  BreakingProxy& operator=(const BreakingProxy&) = delete;

  /// The connection on which the client says `text` next is broken.
  void break_at(std::string text, Break how);
  void mend();
  /// Not yet.
  [[nodiscard]] bool will_break();
  /// Passes on what kLate kept back, and answers what the server said to it.
  std::string release();

  /// Where the socket of this proxy is.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  void accept_all();
  void serve(int client);
  Break breaks(std::string_view sent);
  void set_aside(int server, std::string kept);

  const std::filesystem::path socket_;
  ScratchFolder folder_;
  int listener_;
  std::thread acceptor_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::vector<std::thread> servers_;
  std::string text_;
  Break how_ = Break::kNever;
  bool refuses_ = false;
  int late_server_ = -1;
  std::string late_text_;
};

}  // namespace countersign::store
