#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

int main(int argc, char** argv) {
  spdlog::set_level(std::getenv("SIM_LOG") == nullptr ? spdlog::level::off : spdlog::level::info);
  return doctest::Context{argc, argv}.run();
}
