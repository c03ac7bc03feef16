#include "domain/opt_words.h"

#include <gtest/gtest.h>

#include <string>

// What somebody wants who answers a message.
namespace countersign::domain {
namespace {

TEST(OptWords, StopIsSaidInEveryLanguageOfOurs) {
  for (const auto* word : {"STOP", "stop", "StopAll", "UNSUBSCRIBE", "Cancel", "END", "quit", "REVOKE", "OPTOUT",
                           "SAIR", "Parar", "pare", "CANCELAR", "descadastrar", "BAJA", "Salir", "detener", "ALTO"})
    EXPECT_EQ(opt_word(word), OptWord::kStop) << word;
  for (const auto* word : {"START", "Yes", "UNSTOP", "alta", "INICIAR", "voltar"})
    EXPECT_EQ(opt_word(word), OptWord::kStart) << word;
}

TEST(OptWords, SpacesAndPunctuationAreAroundAWord) {
  for (const auto* text : {" STOP ", "Stop.", "\"STOP\"", "stop!!!", "STOP\r\n", "Stop All", "OPT-OUT", "*PARAR*"})
    EXPECT_EQ(opt_word(text), OptWord::kStop) << text;
}

TEST(OptWords, OnlyTheWordAloneCounts) {
  for (const auto* text :
       {"", " ", "...", "please stop", "don't stop", "STOP it", "STOP 123456", "non-stop", "bus stop", "stopp\u00E9",
        "SIM", "no", "help", "restart", "\xFF\xFE", "ST\u00D6P", "start stop"})
    EXPECT_FALSE(opt_word(text)) << text;
  EXPECT_FALSE(opt_word("stop" + std::string(61, ' ')));
  EXPECT_EQ(opt_word("stop" + std::string(60, ' ')), OptWord::kStop);
}

}  // namespace
}  // namespace countersign::domain
