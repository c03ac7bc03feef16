#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/ascii.h"
#include "contact/email_address.h"
#include "contact/host_name.h"
#include "main/config/parts.h"

namespace countersign::main {

namespace {

/// Names that nobody on the Internet can reach: RFC 2606, RFC 6761, RFC 6762, RFC 8375, and what networks at home use.
constexpr std::array<std::string_view, 11> kUnreachable{"localhost",   "local",       "internal",   "test",
                                                        "example",     "invalid",     "lan",        "home.arpa",
                                                        "example.com", "example.net", "example.org"};

bool is_reachable_host(std::string_view host) {
  const std::string name = lower_case(host);
  return contact::is_host_name(name) && std::ranges::none_of(kUnreachable, [&](std::string_view one) {
           return name == one || name.ends_with("." + std::string(one));
         });
}

/// It stands in each message, and push services take messages up to some size.
constexpr std::size_t kPushPageMax = 200;

/// Of the default in development mode, which Apple refuses and others do not.
constexpr std::string_view kDevelopmentSubject = "mailto:development@countersign.invalid";

std::string subject_fault(std::string_view subject) {
  return fmt::format(
      "must be a mailbox or page of yours that push services can reach, such as mailto:ops@your-domain; Apple refuses "
      "messages of \"{}\"",
      subject);
}

std::optional<std::string> parse_push_host(std::string_view text) {
  std::string host = lower_case(text);
  const std::string_view name = std::string_view(host).substr(host.starts_with('.') ? 1 : 0);
  return contact::is_host_name(name) ? std::optional(host) : std::nullopt;
}

}  // namespace

bool is_push_subject(std::string_view text) {
  constexpr std::string_view kMail = "mailto:";
  if (text.starts_with(kMail)) {
    const auto address = contact::EmailAddress::parse(text.substr(kMail.size()));
    // Not with the spaces that a person may type.
    return address && kMail.size() + address->text().size() == text.size() && is_reachable_host(address->domain());
  }
  const auto url = boost::urls::parse_uri({text.data(), text.size()});
  return url && url->scheme_id() == boost::urls::scheme::https && !url->has_userinfo() &&
         is_reachable_host(std::string_view(url->encoded_host()));
}

void read_push(Section section, Config& config) {
  auto& push = config.push;
  push.subject = config.mode == Mode::kDevelopment ? std::string(kDevelopmentSubject) : config.public_url;
  const bool written = section.has("subject");
  section.text("subject", push.subject);
  if (written && !is_push_subject(push.subject)) section.fail("subject", subject_fault(push.subject));
  section.parsed_list("hosts", push.hosts, parse_push_host,
                      "a host such as fcm.googleapis.com, or one with a dot before it for all below");
  section.finish();
}

void read_push_page(Section& section, const Config& config, ServiceConfig& service) {
  // Without a page of the application's the hosted ones are opened, where messages can be sent at all.
  const bool has_key = !config.secrets.push_key.expose().empty();
  const bool development = config.mode == Mode::kDevelopment;
  if (!section.has("push_page")) {
    service.push_on_pages = has_key && (development || is_push_subject(config.push.subject));
    return;
  }
  section.text("push_page", service.push_page);
  if (service.push_page == "none") return service.push_page.clear();
  const auto url = boost::urls::parse_uri({service.push_page.data(), service.push_page.size()});
  const bool good = url && !url->has_fragment() && !url->has_userinfo() && !url->encoded_host().empty() &&
                    (url->scheme_id() == boost::urls::scheme::https ||
                     (development && url->scheme_id() == boost::urls::scheme::http));
  if (!good)
    section.fail("push_page",
                 "must be an https URL without a fragment, such as https://app.example.com/approve, or none");
  if (service.push_page.size() > kPushPageMax)
    section.fail("push_page", fmt::format("must have at most {} characters: each message carries it", kPushPageMax));
  if (!has_key) section.fail("push_page", "needs secrets.push_key; `countersign keys add --push` makes one");
  // The default is the public URL, which nobody has to be able to reach where there is no Web Push.
  if (config.mode == Mode::kProduction && !is_push_subject(config.push.subject))
    section.fail("push_page", "needs push.subject, which " + subject_fault(config.push.subject));
}

}  // namespace countersign::main
