// Types and functions that a program shares with its library.

struct Shape {
  virtual ~Shape();
  virtual int corners() const = 0;
};

struct Square : Shape {
  int corners() const override;
};

struct Trouble {
  int number;

  explicit Trouble(int its_number) : number(its_number) {}

  virtual ~Trouble();
};

Shape* make_square();
void throw_trouble(int number);
int call_back(int (*function)(int), int argument);
