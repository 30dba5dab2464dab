package dev.millrace.tokenizer.template;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/// Python's `strftime` for the present local time, in the C locale.
final class Strftime {
    private final LocalDateTime now;

    private Strftime(LocalDateTime now) {
        this.now = now;
    }

    static String format(String format, Clock clock) {
        if (format.length() > 10_000) {
            throw new TemplateException("strftime_now: the format is too long");
        }
        return new Strftime(LocalDateTime.now(clock)).format(format);
    }

    private String format(String format) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            if (format.charAt(i) != '%' || i + 1 == format.length()) {
                text.append(format.charAt(i));
                continue;
            }
            int start = i++;
            char flag = 0;
            while (i < format.length() && "-_0^#".indexOf(format.charAt(i)) >= 0) {
                flag = format.charAt(i++);
            }
            String field = i < format.length() ? field(format.charAt(i)) : "";
            text.append(
                    field.isEmpty() ? format.substring(start, Math.min(i + 1, format.length())) : flagged(field, flag));
        }
        return text.toString().replace("\0", "");
    }

    /// A field by its letter; a single NUL stands for nothing at all, an empty string for an unknown letter.
    private String field(char letter) {
        return switch (letter) {
            case 'Y' -> Integer.toString(now.getYear());
            case 'C' -> two(now.getYear() / 100);
            case 'y' -> two(now.getYear() % 100);
            case 'm' -> two(now.getMonthValue());
            case 'd' -> two(now.getDayOfMonth());
            case 'e' -> spaced(now.getDayOfMonth());
            case 'H' -> two(now.getHour());
            case 'I' -> two(hourOfHalf());
            case 'k' -> spaced(now.getHour());
            case 'l' -> spaced(hourOfHalf());
            case 'M' -> two(now.getMinute());
            case 'S' -> two(now.getSecond());
            case 'f' -> "%06d".formatted(now.getNano() / 1000);
            case 'p' -> now.getHour() < 12 ? "AM" : "PM";
            case 'P' -> now.getHour() < 12 ? "am" : "pm";
            case 'A' -> named("EEEE");
            case 'a' -> named("EEE");
            case 'B' -> named("MMMM");
            case 'b', 'h' -> named("MMM");
            case 'j' -> "%03d".formatted(now.getDayOfYear());
            case 'u' -> Integer.toString(now.getDayOfWeek().getValue());
            case 'w' -> Integer.toString(now.getDayOfWeek().getValue() % 7);
            case 'U' -> two((now.getDayOfYear() + 6 - now.getDayOfWeek().getValue() % 7) / 7);
            case 'W' -> two((now.getDayOfYear() + 6 - (now.getDayOfWeek().getValue() + 6) % 7) / 7);
            case 'V' -> two(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> Integer.toString(now.get(IsoFields.WEEK_BASED_YEAR));
            case 'g' -> two(now.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 's' -> Long.toString(now.toEpochSecond(ZoneOffset.UTC));
            case 'c' -> format("%a %b %e %H:%M:%S %Y");
            case 'D', 'x' -> format("%m/%d/%y");
            case 'F' -> format("%Y-%m-%d");
            case 'T', 'X' -> format("%H:%M:%S");
            case 'R' -> format("%H:%M");
            case 'r' -> format("%I:%M:%S %p");
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'Z', 'z' -> "\0";
            case '%' -> "%";
            default -> "";
        };
    }

    private int hourOfHalf() {
        return now.get(ChronoField.CLOCK_HOUR_OF_AMPM);
    }

    private String named(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
    }

    private static String two(int number) {
        return "%02d".formatted(number);
    }

    private static String spaced(int number) {
        return "%2d".formatted(number);
    }

    /// The flags of the GNU C library, which Python passes on.
    private static String flagged(String field, char flag) {
        boolean number = field.chars().allMatch(letter -> letter == ' ' || (letter >= '0' && letter <= '9'));
        return switch (flag) {
            case '-' -> number && field.length() > 1 ? field.replaceFirst("^[ 0]+(?=.)", "") : field;
            case '_' -> number ? spacedZeros(field) : field;
            case '0' -> number ? field.replace(' ', '0') : field;
            case '^' -> field.toUpperCase(Locale.ROOT);
            case '#' ->
                field.equals("AM") || field.equals("PM")
                        ? field.toLowerCase(Locale.ROOT)
                        : field.toUpperCase(Locale.ROOT);
            default -> field;
        };
    }

    private static String spacedZeros(String field) {
        int zeros = 0;
        while (zeros < field.length() - 1 && field.charAt(zeros) == '0') {
            zeros++;
        }
        return " ".repeat(zeros) + field.substring(zeros);
    }
}
