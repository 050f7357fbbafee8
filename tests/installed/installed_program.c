/* Uses an installed descent: y = 2x from three points on the reference, without a file. */
#include <descent.h>
#include <math.h>
#include <stdio.h>

int main(void) {
    float x[] = {1, 2, 3}, y[] = {2, 4, 6}, four = 4, prediction = NAN;
    ds_data *data = NULL;
    ds_model *model = NULL;
    ds_device *device = NULL;
    ds_trainer *trainer = NULL;
    ds_array features = {x, DS_ARRAY_FLOAT32, 3, 1}, targets = {y, DS_ARRAY_FLOAT32, 3, 1};
    ds_status status = ds_data_from_arrays(&data, features, targets, 0);
    if (status == DS_OK)
        status = ds_model_create(&model, data, "[{dense: {units: 1, bias: false}}]", "ones", 1);
    if (status == DS_OK)
        status = ds_device_open(&device, "reference");
    if (status == DS_OK)
        status = ds_trainer_create(
            &trainer, model, data, device,
            "{loss: mse, optimizer: {sgd: {rate: 0.05}}, batch: all, epochs: 50}");
    if (status == DS_OK)
        status = ds_trainer_run(trainer, NULL, NULL, NULL);
    if (status == DS_OK)
        status =
            ds_model_predict(model, device, (ds_array){&four, DS_ARRAY_FLOAT32, 1, 1}, &prediction);
    if (status != DS_OK)
        fprintf(stderr, "%s\n", ds_last_error()->message);
    else
        printf("descent %s: x = 4 gives %.3f\n", ds_version(), prediction);
    ds_trainer_destroy(trainer);
    ds_device_close(device);
    ds_model_destroy(model);
    ds_data_destroy(data);
    return status == DS_OK && fabsf(prediction - 8) < 1e-3f ? 0 : 1;
}
