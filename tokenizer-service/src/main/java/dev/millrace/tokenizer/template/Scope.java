package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The names of one scope, known before anything runs: jinja2 decides while compiling which variable a name means.
///
/// A name that a scope assigns anywhere is a variable of that scope. It begins with the value of the scope around it,
/// or undefined where the assignment comes first, stands in no `if`, and no scope around mentions the name.
final class Scope {
    private final @Nullable Scope parent;
    private final Set<String> mentioned = new HashSet<>();
    private final Map<String, Boolean> assignedFirst = new HashMap<>();
    private final Set<String> parameters = new HashSet<>();
    private List<String> inherited = List.of();
    private List<String> undefined = List.of();
    private int branches;

    Scope(@Nullable Scope parent) {
        this.parent = parent;
    }

    void enterBranch() {
        branches++;
    }

    void leaveBranch() {
        branches--;
    }

    void read(String name) {
        mentioned.add(name);
    }

    void assign(String name) {
        boolean first = mentioned.add(name);
        if (!parameters.contains(name)) {
            assignedFirst.putIfAbsent(name, first && branches == 0);
        }
    }

    /// Declares a name that is set when the scope is entered.
    void declare(String name) {
        mentioned.add(name);
        parameters.add(name);
    }

    /// Called once for each scope when the whole template is read.
    void seal() {
        List<String> fromOutside = new ArrayList<>();
        List<String> fromNothing = new ArrayList<>();
        assignedFirst.forEach((name, first) -> {
            boolean startsUndefined = first && !isMentionedOutside(name);
            (startsUndefined ? fromNothing : fromOutside).add(name);
        });
        inherited = List.copyOf(fromOutside);
        undefined = List.copyOf(fromNothing);
    }

    private boolean isMentionedOutside(String name) {
        for (Scope scope = parent; scope != null; scope = scope.parent) {
            if (scope.mentioned.contains(name)) {
                return true;
            }
        }
        return false;
    }

    /// Names that begin with the value they have outside.
    List<String> inherited() {
        return inherited;
    }

    /// Names that begin undefined.
    List<String> undefined() {
        return undefined;
    }
}
