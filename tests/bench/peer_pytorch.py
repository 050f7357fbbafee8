"""PyTorch on the CPU with all cores. Modes: eager, compile."""
import torch
from torch import nn

import measure
import works

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "identity": nn.Identity}


def build(work, features, target, mode):
    torch.manual_seed(work.seed)
    layers = []
    for weight, bias in works.initial_parameters(work):
        layers += [nn.Linear(*weight.shape[::-1]), ACTIVATIONS[work.activation]()]
        layers[-2].weight.data = torch.from_numpy(weight)
        layers[-2].bias.data = torch.from_numpy(bias)
    model = nn.Sequential(*layers[:-1])
    if work.output != "identity":
        model.append(ACTIVATIONS[work.output]())
    criterion = nn.MSELoss() if work.loss == "mse" else nn.CrossEntropyLoss()
    if work.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), work.rate, fused=True)
    else:
        momentum = 0.9 if work.optimizer == "momentum" else 0
        optimizer = torch.optim.SGD(model.parameters(), work.rate, momentum, fused=True)

    def loss_of(x, y):
        return criterion(model(x), y)

    if mode == "compile":
        loss_of = torch.compile(loss_of)
    x, y = torch.from_numpy(features), torch.from_numpy(target)

    def train(epochs):
        for _ in range(epochs):
            for rows in torch.randperm(work.rows).split(work.batch):
                optimizer.zero_grad()
                loss_of(x[rows], y[rows]).backward()
                optimizer.step()
        return epochs

    def predict():
        with torch.no_grad():
            return model(x).numpy()

    return train, predict


if __name__ == "__main__":
    measure.main(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", build)
