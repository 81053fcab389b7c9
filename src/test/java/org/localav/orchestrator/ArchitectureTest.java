package org.localav.orchestrator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Holds the order of the packages: each may use those before it in {@link #ORDER} and none after it. */
@AnalyzeClasses(packages = "org.localav.orchestrator", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "org.localav.orchestrator.";
    private static final List<String> ORDER = List.of(
            "spec",
            "ffmpeg",
            "media",
            "preset",
            "plan",
            "cache",
            "log",
            "trace",
            "process",
            "speech",
            "settings",
            "audit",
            "job",
            "report",
            "store",
            "redis",
            "webhook",
            "stage",
            "route",
            "engine",
            "service",
            "observe",
            "door",
            "cli");
    private static final List<String> CAMEL = List.of("stage", "route", "engine", "door", "cli");

    @ArchTest
    void everyPackageUsesOnlyThoseBeforeIt(JavaClasses classes) {
        for (int i = 0; i < ORDER.size() - 1; i++) {
            noClasses()
                    .that()
                    .resideInAPackage(within(ORDER.get(i)))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(within(ORDER.subList(i + 1, ORDER.size())))
                    .check(classes);
        }
    }

    @ArchTest
    void everyPackageHasAPlaceInTheOrder(JavaClasses classes) {
        Set<String> found = classes.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(ROOT))
                .map(name -> name.substring(ROOT.length()).split("\\.")[0])
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(new TreeSet<>(ORDER), found);
    }

    @ArchTest
    static final ArchRule packagesFormNoCircle =
            slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheOuterPackagesKnowCamel = noClasses()
            .that()
            .resideInAnyPackage(
                    within(ORDER.stream().filter(name -> !CAMEL.contains(name)).toList()))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.camel..");

    @ArchTest
    static final ArchRule onlyTheProcessPackageStartsPrograms = noClasses()
            .that()
            .resideOutsideOfPackage(within("process"))
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ProcessBuilder")
            .orShould()
            .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                            com.tngtech.archunit.core.domain.properties.HasName.Predicates.name("exec"))
                    .and(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                            com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner(
                                    com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo(
                                            Runtime.class)))));

    private static String within(String name) {
        return ROOT + name + "..";
    }

    private static String[] within(List<String> names) {
        return names.stream().map(ArchitectureTest::within).toArray(String[]::new);
    }
}
