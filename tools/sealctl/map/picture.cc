// See picture.h. A row has the address, a bar whose length grows with the logarithm of the size,
// and a label. Each rectangle of a row has its shade as a class, and a title, which browsers show
// under the pointer.
#include "tools/sealctl/map/picture.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <string_view>

#include "tools/sealctl/map/rows.h"
#include "tools/sealctl/map/show.h"
#include "tools/sealctl/output.h"

namespace sealctl::map {
namespace {

constexpr int kWidth = 1200, kMargin = 20, kRowHeight = 17, kBarHeight = 13;
constexpr int kBarsAt = 150, kLongestBar = 380;
constexpr int kLegendColumns = 3, kLegendColumnWidth = 380;
constexpr size_t kLongestLabel = 80;  // behind the longest bar

constexpr std::string_view kExplanation[] = {
    "Each row is a mapping; addresses grow downwards. A bar that is one step longer stands for "
    "twice "
    "the size.",
    "What is sealed cannot be unmapped, moved, replaced or made writable until the process ends.",
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string title_of(const Map& map) {
  return fmt::format("Address space of {} (process {}): {}, loaded by {}", printable(map.command),
                     map.pid, map.verdict, map.loader);
}

std::string cut(const std::string& label) {
  return label.size() <= kLongestLabel ? label : label.substr(0, kLongestLabel - 3) + "...";
}

int bar_length(uint64_t size) {
  constexpr double kSmallest = 2048, kStep = 12;  // half a small page; pixels for each doubling
  const double steps = std::log2(std::max(1.0, static_cast<double>(size) / kSmallest));
  return std::clamp(static_cast<int>(steps * kStep), 4, kLongestBar);
}

// Writes an SVG from top to bottom.
class Drawing {
 public:
  void text(int x, std::string_view style, std::string_view words) {
    append(R"(<text x="{}" y="{}" class="{}">{}</text>)", x, y_ + kBarHeight - 2, style,
           escaped(words));
  }

  void bar(int x, int length, Shade shade, std::string_view kind, std::string_view title) {
    append(R"(<rect x="{}" y="{}" width="{}" height="{}" class="{} {}"><title>{}</title></rect>)",
           x, y_, length, kBarHeight, kind, words_for(shade).name, escaped(title));
  }

  void down(int by = kRowHeight) { y_ += by; }

  std::string finish(std::string_view title) const {
    std::string styles;
    for (size_t i = 0; i < static_cast<size_t>(Shade::kCount); ++i) {
      const ShadeWords& words = words_for(static_cast<Shade>(i));
      styles += fmt::format(".{}{{fill:{}}}", words.name, words.colour);
    }
    return fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" )"
        R"(role="img"><title>{2}</title><style>text{{font:12px monospace;fill:#1f2328}})"
        R"(.heading{{font:bold 18px sans-serif}}.words{{font:13px sans-serif}})"
        R"(.address,.faint{{fill:#6e7781}}{3}</style>)"
        R"(<rect width="{0}" height="{1}" fill="#ffffff"/>{4}</svg>)",
        kWidth, y_ + kMargin, escaped(title), styles, body_);
  }

 private:
  template <typename... Values>
  void append(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(body_), format, std::forward<Values>(values)...);
    body_ += '\n';
  }

  std::string body_;
  int y_ = kMargin;
};

void draw_legend(Drawing& drawing) {
  for (int i = 0; i < static_cast<int>(Shade::kCount); ++i) {
    const auto shade = static_cast<Shade>(i);
    const int x = kMargin + i % kLegendColumns * kLegendColumnWidth;
    drawing.bar(x, 2 * kBarHeight, shade, "legend", words_for(shade).meaning);
    drawing.text(x + 3 * kBarHeight, "words", words_for(shade).meaning);
    if (i % kLegendColumns == kLegendColumns - 1) drawing.down();
  }
}

void draw_row(Drawing& drawing, const Row& row) {
  const int length = bar_length(row.size());
  drawing.text(kMargin, "address", fmt::format("{:x}", row.start));
  drawing.bar(kBarsAt, length, row.shade, "bar", row.detail);
  drawing.text(kBarsAt + length + kMargin / 2, row.shade == Shade::kGap ? "faint" : "label",
               cut(row.label));
  drawing.down();
}

}  // namespace

std::string svg_of(const Map& map) {
  Drawing drawing;
  const std::string title = title_of(map);
  drawing.text(kMargin, "heading", title);
  drawing.down(2 * kRowHeight);
  drawing.text(kMargin, "words", text_of(total(map)) + ".");
  drawing.down();
  for (const std::string_view line : kExplanation) {
    drawing.text(kMargin, "words", line);
    drawing.down();
  }
  drawing.down(kRowHeight / 2);
  draw_legend(drawing);
  drawing.down(kRowHeight / 2);
  for (const Row& row : rows_of(map)) draw_row(drawing, row);
  return drawing.finish(title);
}

std::string html_of(const Map& map) {
  std::string table;
  for (const Row& row : rows_of(map)) {
    if (row.shade == Shade::kGap) continue;
    fmt::format_to(std::back_inserter(table),
                   "<tr><td><span class=\"swatch {}\"></span></td><td>{}</td></tr>\n",
                   words_for(row.shade).name, escaped(row.detail));
  }
  std::string styles;
  for (size_t i = 0; i < static_cast<size_t>(Shade::kCount); ++i) {
    const ShadeWords& words = words_for(static_cast<Shade>(i));
    styles += fmt::format(".swatch.{}{{background:{}}}", words.name, words.colour);
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n"
      "<style>body{{font-family:sans-serif;margin:0}}td{{font:12px monospace;padding:2px 8px}}"
      "details{{margin:20px}}.swatch{{display:inline-block;width:26px;height:13px}}{1}</style>"
      "</head>\n<body>\n{2}\n<details><summary>Every mapping, with the reason why it is not "
      "sealed</summary>\n<table>\n{3}</table></details>\n</body></html>\n",
      escaped(title_of(map)), styles, svg_of(map), table);
}

}  // namespace sealctl::map
