#include "http/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>
#include <sys/stat.h>

#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/check.h"

namespace countersign::http {
namespace {

/// For TLS 1.2; the default list of TLS 1.3 is secure.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

std::string openssl_reason() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

/// Rejects a client that offers protocols but not ours: it would speak another one (RFC 7301 section 3.2).
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr std::array<unsigned char, 9> kOurs{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(&chosen, out_size, kOurs.data(), kOurs.size(), offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// OpenSSL would prompt for a passphrase on the terminal, and this thread also serves connections.
int refuse_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// Reading anything else, such as a pipe, might block forever.
bool is_regular(const std::string& file) {
  struct stat info{};
  return ::stat(file.c_str(), &info) != 0 || S_ISREG(info.st_mode);
}

using FileStamp = std::tuple<ino_t, off_t, time_t, long>;

FileStamp stamp_of(const std::string& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return {};
  return {info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

}  // namespace

struct TlsContext::Stamp {
  FileStamp certificate;
  FileStamp key;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

TlsContext::TlsContext(std::string certificate_file, std::string key_file)
    : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {}

TlsContext::~TlsContext() = default;

TlsContext::Stamp TlsContext::stamp() const { return {stamp_of(certificate_file_), stamp_of(key_file_)}; }

Result<Done, std::string> TlsContext::load() {
  // Taken before reading: a file that changes meanwhile is read again next time.
  auto stamped = std::make_unique<Stamp>(stamp());
  {
    const std::lock_guard lock(mutex_);
    loaded_ = std::move(stamped);
  }
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  CS_CHECK(made != nullptr);
  CS_CHECK(SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION) == 1);
  CS_CHECK(SSL_CTX_set_cipher_list(made.get(), kCiphers) == 1);
  SSL_CTX_set_options(made.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                      SSL_OP_PRIORITIZE_CHACHA | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_mode(made.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(made.get(), select_protocol, nullptr);

  for (const auto& file : {certificate_file_, key_file_}) {
    if (!is_regular(file)) return fail("cannot use " + file + ": it is no regular file");
  }
  bool asked = false;
  SSL_CTX_set_default_passwd_cb(made.get(), refuse_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(made.get(), &asked);
  const auto reason = [&asked, this] {
    const auto error = ERR_peek_error();
    if (ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH) {
      ERR_clear_error();
      return "it does not belong to the certificate " + certificate_file_;
    }
    const std::string theirs = openssl_reason();
    return asked ? std::string("it is encrypted; give one without a passphrase, readable by the server alone") : theirs;
  };
  if (SSL_CTX_use_certificate_chain_file(made.get(), certificate_file_.c_str()) != 1) {
    return fail("cannot use certificate " + certificate_file_ + ": " + reason());
  }
  if (SSL_CTX_use_PrivateKey_file(made.get(), key_file_.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(made.get()) != 1) {
    return fail("cannot use key " + key_file_ + ": " + reason());
  }
  SSL_CTX_set_default_passwd_cb_userdata(made.get(), nullptr);
  const std::lock_guard lock(mutex_);
  current_ = std::move(made);
  return Done{};
}

Result<Done, std::string> TlsContext::load_if_changed() {
  const auto now = stamp();
  {
    const std::lock_guard lock(mutex_);
    if (loaded_ && *loaded_ == now) return Done{};
  }
  return load();
}

std::shared_ptr<ssl_ctx_st> TlsContext::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace countersign::http
