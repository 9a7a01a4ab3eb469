/**
 * The side of Stallcast that a user meets: command line, scenarios, planning, storage and reports.
 */
package stallcast.coordinator;
