#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "base/secret.h"
#include "http/session.h"

namespace countersign::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// How much a client may still send after a refusal before the connection is closed.
constexpr std::size_t kDiscardedBytesMax = 4 * 1024 * 1024;

/// A larger buffer is freed once it is empty: connections may be idle for long.
constexpr std::size_t kKeptBytes = 16 * 1024;

void empty(std::string& buffer) {
  wipe(buffer.data(), buffer.size());
  buffer.clear();
  if (buffer.capacity() > kKeptBytes) buffer.shrink_to_fit();
}

}  // namespace

/// Sends what is pending, then continues with the next step of the connection.
void Session::proceed() {
  flush();
  if (closed_ || writing_) return;
  if (ending_) {
    linger();
  } else if (!busy_) {
    if (worker_->loop().runs_posted())
      worker_->loop().after_posted([self = shared_from_this()] { self->read(); });
    else
      read();
  }
}

void Session::read() {
  if (reading_ || closed_) return;
  reading_ = true;
  wipe(buffer_.data(), std::exchange(filled_, 0));
  socket_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](const error_code& error, std::size_t count) {
                            self->reading_ = false;
                            if (self->closed_) return;
                            if (error) return self->close();
                            self->on_read(count);
                          });
}

void Session::on_read(std::size_t count) {
  if (ending_) {
    discarded_ += count;
    if (discarded_ > kDiscardedBytesMax) return close();
    if (lingering_) read();
    return;
  }
  filled_ = count;
  const std::string_view bytes(buffer_.data(), count);
  if (tls_) {
    on_encrypted(bytes);
  } else {
    on_bytes(bytes);
  }
}

void Session::on_encrypted(std::string_view bytes) {
  decrypted_.clear();
  const auto status = tls_->receive(bytes, decrypted_, wire_);
  if (status == TlsStream::Status::kFailed) {
    flush();
    return close();
  }
  on_bytes(decrypted_);
  empty(decrypted_);
  if (status == TlsStream::Status::kClosed && !busy_ && !writing_) close();
}

void Session::flush() {
  while (!writing_ && !closed_) {
    if (!out_.empty() && tls_) {
      if (tls_->send(out_, wire_) != TlsStream::Status::kOpen) return close();
      empty(out_);
      if (ending_) tls_->close(wire_);
    } else if (wire_.empty()) {
      wire_.swap(out_);
    }
    if (wire_.empty()) return;
    if (!write_some()) return;
  }
}

/// True if all of wire_ is sent.
bool Session::write_some() {
  while (sent_ < wire_.size()) {
    error_code error;
    sent_ += socket_.write_some(asio::buffer(wire_.data() + sent_, wire_.size() - sent_), error);
    if (error == asio::error::would_block) {
      wait_until_writable();
      return false;
    }
    if (error) {
      close();
      return false;
    }
  }
  empty(wire_);
  sent_ = 0;
  return true;
}

void Session::wait_until_writable() {
  writing_ = true;
  enter(Phase::kWrite);
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->writing_ = false;
    if (self->closed_) return;
    if (error) return self->close();
    self->flush();
    if (!self->writing_ && !self->closed_) self->resume();
  });
}

/// Closing while bytes of the client are unread would reset the connection, and the client could lose the response.
void Session::linger() {
  if (lingering_) return;
  lingering_ = true;
  enter(Phase::kLinger);
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  read();
}

void Session::close() {
  if (closed_) return;
  closed_ = true;
  error_code ignored;
  if (tls_ && !writing_ && !ending_) {
    tls_->close(wire_);
    socket_.write_some(asio::buffer(wire_), ignored);
  }
  socket_.close(ignored);
  worker_->core().counts.leave(peer_.counted_as);
  worker_->forget(*this);
}

}  // namespace countersign::http
