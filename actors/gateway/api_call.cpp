#include "actors/gateway/api_call.hpp"

#include "runtime/core/json_writer.hpp"

#include <utility>

namespace argosy {

std::string api_error(errc error, std::string_view detail) {
  std::string out = "\"error\":";
  const auto& row = info(error);
  json_writer{out}
      .open_object()
      .key("code")
      .number(std::uint32_t{row.client_code})
      .key("message")
      .text(detail.empty() ? row.text : detail)
      .close_object();
  return out;
}

std::size_t api_call::add_part(std::string method) {
  parts_.push_back({std::move(method), {}});
  ++open_;
  return parts_.size() - 1;
}

bool api_call::complete(std::size_t index, std::string result) {
  if (!parts_[index].text.empty())
    return false;
  parts_[index].text = "\"result\":" + std::move(result);
  return --open_ == 0;
}

bool api_call::complete(std::size_t index, errc error, std::string_view detail) {
  if (!parts_[index].text.empty())
    return false;
  parts_[index].text = api_error(error, detail);
  return --open_ == 0;
}

void api_call::finish() {
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (parts_[i].text.empty())
      complete(i, errc::internal, "no answer in time");
  http_response response;
  response.status = shape_ == shape::single ? status_ : 200;
  response.body = body();
  std::exchange(respond_, {})(std::move(response));
}

std::string api_call::body() const {
  if (shape_ == shape::single)
    return "{" + parts_.front().text + "}";
  std::string out = shape_ == shape::broadcast ? R"({"result":{"responses":[)" : R"({"replies":[)";
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& p = parts_[i];
    if (i > 0)
      out += ',';
    constexpr std::string_view result = "\"result\":";
    if (shape_ == shape::batch && p.text.starts_with(result))
      out += "{\"" + p.method + "\":" + p.text.substr(result.size()) + "}";
    else
      out += "{" + p.text + "}";
  }
  out += shape_ == shape::broadcast ? "]}}" : "]}";
  return out;
}

} // namespace argosy
