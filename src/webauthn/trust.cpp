#include "webauthn/trust.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>

#include "crypto/openssl.h"

namespace countersign::webauthn {

namespace {

using crypto::FreeWith;
using crypto::require;
using crypto::require_object;

/// The stack borrows its certificates.
using BorrowedStack = std::unique_ptr<STACK_OF(X509), FreeWith<[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>>;
using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreCtx = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;

/// Certificates between the attestation certificate and the anchor. Known chains have at most three.
constexpr int kIntermediatesMax = 5;

/// OpenSSL's security level of 112 bits: refuses what NIST SP 800-131A disallows.
constexpr int kSecurityLevel = 2;

BorrowedStack stack_of(std::span<const Certificate> certificates) {
  BorrowedStack stack(require_object(sk_X509_new_null(), "stack"));
  for (const Certificate& certificate : certificates) {
    require(sk_X509_push(stack.get(), certificate.native()) > 0, "stack");
  }
  return stack;
}

Store store_of(std::span<const Certificate> anchors) {
  // No default paths: only what is added here is trusted.
  Store store(require_object(X509_STORE_new(), "certificate store"));
  for (const Certificate& anchor : anchors) {
    require(X509_STORE_add_cert(store.get(), anchor.native()) == 1, "certificate store");
  }
  return store;
}

bool is_about_dates(int error) {
  return error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
}

}  // namespace

Result<Done, Refusal> check_trust_path(std::span<const Certificate> chain, std::span<const Certificate> anchors,
                                       WallTime at) {
  if (chain.empty() || anchors.empty()) return fail(Refusal::kAttestationUntrusted);
  const Store store = store_of(anchors);
  const BorrowedStack others = stack_of(chain.subspan(1));
  const StoreCtx ctx(require_object(X509_STORE_CTX_new(), "path"));
  require(X509_STORE_CTX_init(ctx.get(), store.get(), chain.front().native(), others.get()) == 1, "path");
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(ctx.get());
  require(X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) == 1, "path");
  X509_VERIFY_PARAM_set_time(param, to_unix_seconds(at));
  X509_VERIFY_PARAM_set_depth(param, kIntermediatesMax);
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);

  const bool found = X509_verify_cert(ctx.get()) == 1;
  const int error = X509_STORE_CTX_get_error(ctx.get());
  crypto::clear_openssl_errors();
  if (found) return Done{};
  return fail(is_about_dates(error) ? Refusal::kAttestationExpired : Refusal::kAttestationUntrusted);
}

}  // namespace countersign::webauthn
