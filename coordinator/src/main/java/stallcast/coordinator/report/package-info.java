/** Results for people and scripts: tables in the terminal and their JSON form. */
package stallcast.coordinator.report;
