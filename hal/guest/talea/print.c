#include <talea.h>

/* Bytes of a piece: what the console does not mix with another task's. */
#define PIECE 64
#define DIGITS 24
#define DECIMALS 9
/* Past this a number with decimals is no longer exact, nor are its digits worth having. */
#define TOO_LARGE 1e15

/* Where text goes: to a buffer of `size` bytes, or in pieces to the console. */
typedef struct {
  char *bytes;
  size_t size;
  size_t used;
  int32_t total;
  int console;
} sink_t;

/* How a number or text stands in its field. */
typedef struct {
  int left;
  int zero;
  int plus;
  int space;
  int alternate;
  int width;
  int precision; /* -1: none was given */
  int longs; /* of its argument: 0 int, 1 long, 2 long long */
} field_t;

static void flush(sink_t *sink) {
  talea_write(sink->bytes, (int32_t)sink->used);
  sink->used = 0;
}

static void put(sink_t *sink, char byte) {
  sink->total++;
  if (sink->console && sink->used == sink->size) flush(sink);
  if (sink->used < sink->size) sink->bytes[sink->used++] = byte;
}

static void repeat(sink_t *sink, char byte, int times) {
  for (; times > 0; times--) put(sink, byte);
}

/* Text of a length, behind a sign or the like, in its field. */
static void stand(sink_t *sink, const field_t *field, const char *sign, const char *text, int length, int zeros) {
  const int before = (int)strlen(sign);
  const int blank = field->width - before - zeros - length;
  if (!field->left) repeat(sink, ' ', blank);
  for (int i = 0; i < before; i++) put(sink, sign[i]);
  repeat(sink, '0', zeros);
  for (int i = 0; i < length; i++) put(sink, text[i]);
  if (field->left) repeat(sink, ' ', blank);
}

static const char *sign_of(const field_t *field, int negative) {
  return negative ? "-" : field->plus ? "+" : field->space ? " " : "";
}

/* The digits of a number, from the end of `digits` back; where they begin. */
static char *digits_of(char digits[DIGITS], uint64_t value, unsigned base, char letters) {
  char *at = digits + DIGITS;
  do {
    const unsigned digit = (unsigned)(value % base);
    *--at = (char)(digit < 10 ? '0' + digit : (unsigned)letters + digit - 10);
    value /= base;
  } while (value != 0);
  return at;
}

static void number(sink_t *sink, const field_t *field, uint64_t value, unsigned base, char letters, const char *sign) {
  char digits[DIGITS];
  const char *at = digits_of(digits, value, base, letters);
  int length = (int)(digits + DIGITS - at);
  if (value == 0 && field->precision == 0) length = 0;
  int zeros = field->precision - length;
  if (field->precision < 0 && field->zero && !field->left) zeros = field->width - length - (int)strlen(sign);
  stand(sink, field, sign, at, length, zeros > 0 ? zeros : 0);
}

static void decimal(sink_t *sink, const field_t *field, double value) {
  /* The sign of what is no number is the host's. */
  const int negative = value == value && __builtin_signbit(value) != 0;
  const double size = negative ? -value : value;
  const char *sign = sign_of(field, negative);
  if (!(size < TOO_LARGE)) {
    const char *text = size != size ? "nan" : size > 1e308 ? "inf" : "1e15 or more";
    stand(sink, field, sign, text, (int)strlen(text), 0);
    return;
  }
  const int places = field->precision < 0 ? 6 : field->precision > DECIMALS ? DECIMALS : field->precision;
  uint64_t scale = 1;
  for (int i = 0; i < places; i++) scale *= 10;
  uint64_t whole = (uint64_t)size;
  uint64_t part = (uint64_t)__builtin_rint((size - (double)whole) * (double)scale);
  if (part == scale && places > 0) part = 0, whole++;
  if (places == 0) whole = (uint64_t)__builtin_rint(size), part = 0;
  char text[2 * DIGITS];
  char digits[DIGITS];
  const char *at = digits_of(digits, whole, 10, 'a');
  int length = 0;
  while (at < digits + DIGITS) text[length++] = *at++;
  if (places > 0) {
    text[length++] = '.';
    at = digits_of(digits, part, 10, 'a');
    for (int i = (int)(digits + DIGITS - at); i < places; i++) text[length++] = '0';
    while (at < digits + DIGITS) text[length++] = *at++;
  }
  const int zeros = field->zero && !field->left ? field->width - length - (int)strlen(sign) : 0;
  stand(sink, field, sign, text, length, zeros > 0 ? zeros : 0);
}

static void text(sink_t *sink, const field_t *field, const char *given) {
  const char *shown = given == 0 ? "(null)" : given;
  int length = 0;
  while ((field->precision < 0 || length < field->precision) && shown[length] != 0) length++;
  stand(sink, field, "", shown, length, 0);
}

static const char *flags_of(const char *at, field_t *field) {
  for (;; at++) {
    if (*at == '-') field->left = 1;
    else if (*at == '0') field->zero = 1;
    else if (*at == '+') field->plus = 1;
    else if (*at == ' ') field->space = 1;
    else if (*at == '#') field->alternate = 1;
    else return at;
  }
}

static const char *count_of(const char *at, int *count) {
  for (*count = 0; *at >= '0' && *at <= '9'; at++) *count = 10 * *count + (*at - '0');
  return at;
}

static const char *size_of(const char *at, field_t *field) {
  for (;; at++) {
    if (*at == 'l') field->longs++;
    else if (*at == 'j') field->longs = 2;
    else if (*at != 'h' && *at != 'z' && *at != 't') return at;
  }
}

/* A list of arguments that is handed on by reference: what it is, is up to the compiler. */
typedef struct {
  va_list list;
} arguments_t;

static int64_t signed_of(const field_t *field, arguments_t *given) {
  if (field->longs > 1) return va_arg(given->list, long long);
  return field->longs == 1 ? va_arg(given->list, long) : va_arg(given->list, int);
}

static uint64_t unsigned_of(const field_t *field, arguments_t *given) {
  if (field->longs > 1) return va_arg(given->list, unsigned long long);
  return field->longs == 1 ? va_arg(given->list, unsigned long) : va_arg(given->list, unsigned);
}

/* What a letter stands for; 0 where it stands for nothing. */
static int converted(sink_t *sink, field_t *field, char letter, arguments_t *given) {
  if (letter == 'd' || letter == 'i') {
    const int64_t value = signed_of(field, given);
    number(sink, field, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 'a', sign_of(field, value < 0));
  } else if (letter == 'u' || letter == 'x' || letter == 'X' || letter == 'o') {
    const uint64_t value = unsigned_of(field, given);
    const char *sign = !field->alternate || value == 0 ? "" : letter == 'x' ? "0x" : letter == 'X' ? "0X" : letter == 'o' ? "0" : "";
    number(sink, field, value, letter == 'u' ? 10 : letter == 'o' ? 8 : 16, letter == 'X' ? 'A' : 'a', sign);
  } else if (letter == 'p') {
    number(sink, field, (uint64_t)(uintptr_t)va_arg(given->list, void *), 16, 'a', "0x");
  } else if (letter == 'c') {
    const char byte = (char)va_arg(given->list, int);
    stand(sink, field, "", &byte, 1, 0);
  } else if (letter == 's') {
    text(sink, field, va_arg(given->list, const char *));
  } else if (letter == 'f') {
    decimal(sink, field, va_arg(given->list, double));
  } else if (letter == '%') {
    put(sink, '%');
  } else return 0;
  return 1;
}

static void format_to(sink_t *sink, const char *format, arguments_t *given) {
  for (const char *at = format; *at != 0; at++) {
    if (*at != '%') {
      put(sink, *at);
      continue;
    }
    const char *begin = at;
    field_t field = {0, 0, 0, 0, 0, 0, -1, 0};
    at = flags_of(at + 1, &field);
    if (*at == '*') {
      field.width = va_arg(given->list, int);
      at++;
    } else at = count_of(at, &field.width);
    if (field.width < 0) field.left = 1, field.width = -field.width;
    if (*at == '.' && at[1] == '*') {
      field.precision = va_arg(given->list, int);
      at += 2;
    } else if (*at == '.') at = count_of(at + 1, &field.precision);
    at = size_of(at, &field);
    if (converted(sink, &field, *at, given)) continue;
    for (; begin < at; begin++) put(sink, *begin);
    if (*at == 0) return;
    put(sink, *at);
  }
}

int32_t talea_vprintf(const char *format, va_list arguments) {
  char piece[PIECE];
  sink_t sink = {piece, sizeof piece, 0, 0, 1};
  arguments_t given;
  va_copy(given.list, arguments);
  format_to(&sink, format, &given);
  va_end(given.list);
  flush(&sink);
  return sink.total;
}

int32_t talea_printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int32_t total = talea_vprintf(format, arguments);
  va_end(arguments);
  return total;
}

int32_t talea_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments) {
  sink_t sink = {buffer, size > 0 ? size - 1 : 0, 0, 0, 0};
  arguments_t given;
  va_copy(given.list, arguments);
  format_to(&sink, format, &given);
  va_end(given.list);
  if (size > 0) buffer[sink.used] = 0;
  return sink.total;
}

int32_t talea_snprintf(char *buffer, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int32_t total = talea_vsnprintf(buffer, size, format, arguments);
  va_end(arguments);
  return total;
}

int32_t talea_puts(const char *text) { return talea_printf("%s\n", text); }
