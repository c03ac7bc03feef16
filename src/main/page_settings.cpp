#include "main/page_settings.h"

namespace countersign::main {

api::PageSettings page_settings(const Config& config, const usecase::Settings& settings) {
  api::PageSettings pages;
  for (const auto& [id, account] : settings.accounts) {
    for (const auto& service : config.services) {
      const auto* known = service.account == account.name ? account.service(service.name) : nullptr;
      if (known == nullptr) continue;
      const auto& branding = service.branding;
      pages.brands[known->id] = {
          known->friendly_name, branding.accent,          {branding.logo_type, branding.logo_bytes},
          branding.support_url, branding.support_contact, service.time_zone,
          branding.home_url};
    }
  }
  return pages;
}

}  // namespace countersign::main
