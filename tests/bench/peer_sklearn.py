"""scikit-learn's multilayer perceptron. Its regressor knows a linear output only."""
import warnings

import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import measure

ACTIVATIONS = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu", "identity": "identity"}


def build(work, features, target, mode):
    warnings.simplefilter("ignore", ConvergenceWarning)
    kind = MLPRegressor if work.loss == "mse" else MLPClassifier
    model = kind(hidden_layer_sizes=work.layers[1:-1], alpha=0,
                 activation=ACTIVATIONS[work.activation],
                 solver="adam" if work.optimizer == "adam" else "sgd",
                 momentum=0.9 if work.optimizer == "momentum" else 0, nesterovs_momentum=False,
                 learning_rate_init=work.rate, batch_size=work.batch, tol=0,
                 n_iter_no_change=10 ** 9, warm_start=True, random_state=work.seed)
    wanted = target.ravel() if target.ndim > 1 and target.shape[1] == 1 else target

    def train(epochs):
        model.max_iter = epochs
        model.fit(features, wanted)
        return epochs

    def predict():
        if work.loss == "mse":
            return model.predict(features)
        return model.predict_log_proba(features)

    return train, predict


if __name__ == "__main__":
    measure.main(f"scikit-learn {sklearn.__version__}", build)
