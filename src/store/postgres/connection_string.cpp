#include "store/postgres/connection_string.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string_view>

namespace countersign::store {

namespace {

constexpr std::string_view kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::string_view kDefaultHost = "/var/run/postgresql";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

bool is_this_machine(std::string_view host) {
  return host.starts_with('/') || host.starts_with('@') || host == "localhost" || host == "::1" ||
         host.starts_with("127.");
}

/// Calls `use` with each part of a list with commas between.
template <class Use>
void for_each_part(std::string_view list, const Use& use) {
  while (true) {
    const auto comma = list.find(',');
    use(list.substr(0, comma));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// libpq quotes what it could not read, which may be a password; so only the kind of mistake is told.
Failure<std::string> unreadable() {
  return fail(
      std::string("the PostgreSQL URL cannot be read; it is written "
                  "postgresql://user:password@host:5432/database?sslmode=verify-full, "
                  "with special characters of the password percent-encoded"));
}

}  // namespace

Result<ConnectionString, std::string> ConnectionString::parse(const SecretString& text) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(text.expose().c_str(), &message));
  if (message != nullptr) PQfreemem(message);
  if (!options) return unreadable();

  ConnectionString string;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) string.parameters_.push_back({option->keyword, SecretString(option->val)});
  }
  if (!string.value_of("service").empty()) {
    return fail(std::string("the PostgreSQL URL names a service; name the host instead"));
  }
  if (string.value_of("host").empty() && string.value_of("hostaddr").empty()) {
    string.set("host", std::string(kDefaultHost));
  }

  const std::string mode = string.value_of("sslmode");
  if (!string.is_local()) {
    if (mode == "allow" || mode == "prefer") {
      return fail(
          fmt::format("sslmode={} protects nothing on a network; write sslmode=verify-full, or, where the "
                      "network is trusted, sslmode=disable",
                      mode));
    }
    string.set_default("sslmode", "verify-full");
    std::error_code ignored;
    if (string.value_of("sslmode").starts_with("verify-") && std::filesystem::exists(kSystemAuthorities, ignored)) {
      string.set_default("sslrootcert", std::string(kSystemAuthorities));
    }
  }
  string.set_default("target_session_attrs", "read-write");
  string.set_default("fallback_application_name", "countersign");
  string.set("client_encoding", "UTF8");
  return string;
}

std::string ConnectionString::description() const {
  const std::string host = value_of("host").empty() ? value_of("hostaddr") : value_of("host");
  const std::string mode = value_of("sslmode");
  const std::string user = value_of("user");
  std::string tls;
  if (mode == "disable") tls = " (no TLS)";
  if (mode == "require") tls = " (TLS, the server's certificate is not verified)";
  if (mode.starts_with("verify-")) tls = fmt::format(" (TLS, {})", mode);
  return fmt::format("PostgreSQL {}/{}{}{}", host, value_of("dbname"), user.empty() ? "" : " as " + user, tls);
}

bool ConnectionString::is_local() const {
  bool local = true;
  // Where both are given, hostaddr is where the connection goes.
  const std::string address = value_of("hostaddr");
  for_each_part(address.empty() ? value_of("host") : address,
                [&](std::string_view host) { local = local && (host.empty() || is_this_machine(host)); });
  return local;
}

std::string ConnectionString::value_of(std::string_view keyword) const {
  const auto found = std::ranges::find(parameters_, keyword, &Parameter::keyword);
  return found == parameters_.end() ? std::string() : found->value.expose();
}

void ConnectionString::set(std::string_view keyword, std::string value) {
  const auto found = std::ranges::find(parameters_, keyword, &Parameter::keyword);
  if (found != parameters_.end()) {
    found->value = SecretString(std::move(value));
  } else {
    parameters_.push_back({std::string(keyword), SecretString(std::move(value))});
  }
}

void ConnectionString::set_default(std::string_view keyword, std::string value) {
  if (value_of(keyword).empty()) set(keyword, std::move(value));
}

}  // namespace countersign::store
