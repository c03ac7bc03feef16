#include "webauthn/rp_id.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/ip.h"
#include "contact/host_name.h"

namespace countersign::webauthn {

namespace {

bool is_ip_address(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return IpAddress::parse(text).has_value();
}

/// A host name, or a single label as in a company's own network.
bool is_name(std::string_view text) {
  return contact::is_host_name(text) ||
         (text.find('.') == std::string_view::npos && contact::is_host_name("x." + std::string(text)));
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_parent_of(std::string_view parent, std::string_view host) {
  return host.size() > parent.size() && host.ends_with(parent) && host[host.size() - parent.size() - 1] == '.';
}

/// The shortest name under the public suffix of `host` that is not one itself: what most sites want. Empty if there is
/// none.
std::string_view registrable(std::string_view host, const PublicSuffixList& suffixes) {
  const std::string_view suffix = suffixes.suffix_of(host);
  if (suffix.size() + 1 >= host.size()) return {};
  const std::string_view before = host.substr(0, host.size() - suffix.size() - 1);
  const std::size_t dot = before.rfind('.');
  return host.substr(dot == std::string_view::npos ? 0 : dot + 1);
}

std::string what_to_write(std::string_view host, const PublicSuffixList& suffixes) {
  const std::string_view parent = registrable(host, suffixes);
  if (parent.empty() || parent == host) return fmt::format("Write \"{}\".", host);
  return fmt::format("Write \"{}\", or \"{}\" if other hosts under it are to use the same passkeys.", host, parent);
}

}  // namespace

std::optional<RpIdProblem> judge_rp_id(std::string_view rp_id, std::string_view host,
                                       const PublicSuffixList& suffixes) {
  if (is_ip_address(host)) {
    return RpIdProblem{RpIdFault::kIpAddress,
                       fmt::format("The pages are at the IP address {}, for which no browser makes passkeys. Give the "
                                   "server a host name.",
                                   host)};
  }
  if (rp_id.empty()) return RpIdProblem{RpIdFault::kEmpty, "The RP ID is empty. " + what_to_write(host, suffixes)};
  if (is_ip_address(rp_id)) {
    return RpIdProblem{RpIdFault::kIpAddress,
                       "The RP ID is an IP address; it must be a host name. " + what_to_write(host, suffixes)};
  }
  if (!is_ascii(rp_id)) {
    return RpIdProblem{RpIdFault::kNotAscii,
                       fmt::format("The RP ID must be in ASCII, as browsers compare it. Write \"{}\" if that is the "
                                   "name in lower-case letters.",
                                   ascii_host(rp_id))};
  }
  if (!is_name(rp_id)) {
    return RpIdProblem{RpIdFault::kNotHostName,
                       "The RP ID is a host name in lower-case letters, without scheme, port, "
                       "path or final dot. " +
                           what_to_write(host, suffixes)};
  }
  // Before the comparison, because it is the worse mistake: credentials for everybody under the suffix.
  const bool public_suffix = suffixes.lists(rp_id) || (rp_id != host && suffixes.suffix_of(rp_id) == rp_id);
  if (public_suffix) {
    return RpIdProblem{RpIdFault::kPublicSuffix,
                       fmt::format("\"{}\" is a public suffix, under which others have their sites. {}", rp_id,
                                   what_to_write(host, suffixes))};
  }
  if (rp_id != host && !is_parent_of(rp_id, host)) {
    return RpIdProblem{RpIdFault::kNotOfThisHost,
                       fmt::format("\"{}\" is neither the host of the pages, \"{}\", nor a parent of it. {}", rp_id,
                                   host, what_to_write(host, suffixes))};
  }
  return std::nullopt;
}

}  // namespace countersign::webauthn
