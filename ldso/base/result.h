// Result<T> is a value or an Error. Status is success or an Error. A return has one meaning: test
// it and leave early.
#pragma once

#include <new>
#include <utility>

#include "ldso/base/error.h"

namespace ldseal {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)), ok_(true) {}
  Result(const Error& error) : error_(error), ok_(false) {}
  Result(Result&& other) noexcept : ok_(other.ok_) {
    if (ok_) {
      new (&value_) T(std::move(other.value_));
    } else {
      error_ = other.error_;
    }
  }
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;
  ~Result() {
    if (ok_) value_.~T();
  }

  explicit operator bool() const { return ok_; }
  T& operator*() { return value_; }
  T* operator->() { return &value_; }
  const Error& error() const { return error_; }

 private:
  union {
    T value_;
    Error error_;
  };
  bool ok_;
};

class [[nodiscard]] Status {
 public:
  constexpr Status() = default;
  constexpr Status(const Error& error) : error_(error) {}
  constexpr explicit operator bool() const { return error_.fault == Fault::kNone; }
  constexpr const Error& error() const { return error_; }

 private:
  Error error_;
};

}  // namespace ldseal
