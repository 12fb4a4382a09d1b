// Streams, strings, containers and regular expressions work.

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <regex>
#include <sstream>

int main() {
  std::map<std::string, int> counts;
  std::string word, text = "a b a c b a";
  for (std::istringstream words(text); words >> word;) ++counts[word];
  for (auto& [name, count] : counts) std::cout << name << '=' << count << ' ';
  std::cout << std::setprecision(3) << 3.14159 << ' ' << std::hex << 255 << '\n';
  std::cout << std::regex_replace(text, std::regex("a (.)"), "$1") << '\n';
  return 0;
}
