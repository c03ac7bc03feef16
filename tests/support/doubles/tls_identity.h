#pragma once

#include <filesystem>
#include <string>

struct ssl_ctx_st;

namespace countersign::testing {

/// A self-signed certificate, created anew by each test that needs one.
class TlsIdentity {
 public:
  /// `names` as OpenSSL writes subject alternative names.
  explicit TlsIdentity(const std::string& names = "IP:127.0.0.1,DNS:localhost");
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  /// A PEM file with the certificate, for a client that trusts it. Removed with this object.
  [[nodiscard]] const std::filesystem::path& certificate_file() const { return file_; }
  [[nodiscard]] ssl_ctx_st* context() const { return context_; }

 private:
  ssl_ctx_st* context_;
  std::filesystem::path file_;
};

}  // namespace countersign::testing
