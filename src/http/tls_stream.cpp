#include "http/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

#include "base/check.h"
#include "base/secret.h"

namespace countersign::http {

TlsStream::TlsStream(ssl_ctx_st* context) : ssl_(SSL_new(context), SSL_free) {
  CS_CHECK(ssl_ != nullptr);
  BIO* const incoming = BIO_new(BIO_s_mem());
  BIO* const outgoing = BIO_new(BIO_s_mem());
  CS_CHECK(incoming != nullptr && outgoing != nullptr);
  SSL_set_bio(ssl_.get(), incoming, outgoing);
  SSL_set_accept_state(ssl_.get());
}

TlsStream::~TlsStream() = default;

TlsStream::Status TlsStream::receive(std::string_view bytes, std::string& plain, std::string& wire) {
  CS_CHECK(BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size()));
  ERR_clear_error();
  std::array<char, 16 * 1024> record{};  // The maximum size of a record.
  int result = 0;
  // Reading also does the handshake.
  while ((result = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()))) > 0) {
    plain.append(record.data(), static_cast<std::size_t>(result));
  }
  wipe(record.data(), record.size());
  const int reason = SSL_get_error(ssl_.get(), result);
  collect(wire);
  if (reason == SSL_ERROR_WANT_READ) return Status::kOpen;
  return reason == SSL_ERROR_ZERO_RETURN ? Status::kClosed : Status::kFailed;
}

TlsStream::Status TlsStream::send(std::string_view plain, std::string& wire) {
  ERR_clear_error();
  // Writes to memory, so all of it is accepted at once.
  const bool sent = plain.empty() || SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) > 0;
  collect(wire);
  return sent ? Status::kOpen : Status::kFailed;
}

void TlsStream::close(std::string& wire) {
  if (!established()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  collect(wire);
}

bool TlsStream::established() const { return SSL_is_init_finished(ssl_.get()) == 1; }

void TlsStream::collect(std::string& wire) {
  BIO* const outgoing = SSL_get_wbio(ssl_.get());
  char* data = nullptr;
  const auto size = BIO_get_mem_data(outgoing, &data);
  if (size <= 0) return;
  wire.append(data, static_cast<std::size_t>(size));
  BIO_reset(outgoing);
}

}  // namespace countersign::http
