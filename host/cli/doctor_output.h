/* What the doctor found: as a table, as JSON, and as JUnit's XML, which servers that run tests read. */
#ifndef DS_CLI_DOCTOR_OUTPUT_H
#define DS_CLI_DOCTOR_OUTPUT_H

#include "descent.h"

void doctor_output_table(const ds_device *device, const ds_doctor_table *table);
bool doctor_output_json(const ds_device *device,
                        const ds_doctor_table *table); /* memory sufficed */
void doctor_output_junit(const ds_device *device, const ds_doctor_table *table);

#endif
