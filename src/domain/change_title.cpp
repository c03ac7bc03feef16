#include "domain/change_title.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace countersign::domain {

namespace {

struct ChangeTexts {
  std::string_view locale;
  std::array<std::array<std::string_view, 3>, 4> titles;  ///< App, passkey, codes, device; then by change.
  ChangeWords words;
  std::string_view page;
};

constexpr std::array kChangeTexts{
    ChangeTexts{
        "pt-BR",
        {{{"Mudar o nome de um aplicativo", "Remover um aplicativo autenticador", "Manter o aplicativo autenticador"},
          {"Mudar o nome de uma chave de acesso", "Remover uma chave de acesso", "Manter a chave de acesso"},
          {"Códigos de recuperação", "Remover os códigos de recuperação", "Manter os códigos de recuperação"},
          {"Mudar o nome de um aparelho", "Remover um aparelho", "Manter o aparelho"}}},
        {"Nome", "Guardada em", "Desde"},
        "Segurança"},
    ChangeTexts{"en",
                {{{"Rename an authenticator app", "Remove an authenticator app", "Keep the authenticator app"},
                  {"Rename a passkey", "Remove a passkey", "Keep the passkey"},
                  {"Recovery codes", "Remove the recovery codes", "Keep the recovery codes"},
                  {"Rename a device", "Remove a device", "Keep the device"}}},
                {"Name", "Stored in", "Since"},
                "Security"},
    ChangeTexts{
        "es",
        {{{"Cambiar el nombre de una app", "Eliminar una app de autenticación", "Conservar la app de autenticación"},
          {"Cambiar el nombre de una llave de acceso", "Eliminar una llave de acceso", "Conservar la llave de acceso"},
          {"Códigos de recuperación", "Eliminar los códigos de recuperación", "Conservar los códigos de recuperación"},
          {"Cambiar el nombre de un dispositivo", "Eliminar un dispositivo", "Conservar el dispositivo"}}},
        {"Nombre", "Guardada en", "Desde"},
        "Seguridad"},
};

const ChangeTexts& change_texts_for(std::string_view locale) {
  const auto by_language = [&](const ChangeTexts& t) { return t.locale.substr(0, 2) == locale.substr(0, 2); };
  const auto found = std::ranges::find_if(kChangeTexts, by_language);
  return found != kChangeTexts.end() ? *found : kChangeTexts[1];
}

}  // namespace

std::string_view change_title(std::string_view locale, Kind kind, int change) {
  const std::size_t row = kind == Kind::kPasskey ? 1 : kind == Kind::kRecovery ? 2 : kind == Kind::kDevice ? 3 : 0;
  return change_texts_for(locale).titles.at(row).at(static_cast<std::size_t>(change));
}

ChangeWords change_words(std::string_view locale) { return change_texts_for(locale).words; }

std::string written_day(std::string_view locale, WallTime time) {
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto day = static_cast<unsigned>(date.day());
  const bool day_first = change_texts_for(locale).locale != "en";
  return day_first ? fmt::format("{:02}/{:02}/{}", day, month, year)
                   : fmt::format("{} {}, {}", kMonths.at(month - 1), day, year);
}

std::string_view methods_title(std::string_view locale) { return change_texts_for(locale).page; }

}  // namespace countersign::domain
