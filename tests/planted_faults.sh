# Sourced by the tests of the checks: kernels with a fault planted in them, in the folder "$planted".

planted=planted
kernels=$2/kernels

# plant FILE OLD NEW: the file with the text OLD replaced wherever it stands; fails where it does not.
plant() {
    mkdir -p "$planted"
    rm -f "$planted"/*
    awk -v old="$2" -v new="$3" '
        { while (at = index($0, old)) {
              printf "%s%s", substr($0, 1, at - 1), new
              $0 = substr($0, at + length(old))
              found = 1
          }
          print }
        END { exit !found }' "$kernels/$1" >"$planted/$1" || {
        echo "kernels/$1 has no \"$2\""
        return 1
    }
}

# Two items write and read the same numbers of local memory at the same time.
plant_race() {
    plant common.cl 'barrier(CLK_LOCAL_MEM_FENCE);' ';'
}

# The last element of a tensor is left as it was.
plant_unwritten() {
    plant activations.cl 'if (i < count) ' 'if (i + 1 < count) '
}

# The neighbour is read.
plant_misread() {
    plant optimizers.cl 'wide_get(gradients + gradients0, i' 'wide_get(gradients + gradients0, i + 1'
}

# A group's sum is read behind the end of local memory.
plant_overrun() {
    plant common.cl 'const float total = scratch[0];' 'const float total = scratch[GROUP];'
}

# A copy is wrong by the least that there is.
plant_ulp() {
    plant gather.cl 'to[j] = from[j];' 'to[j] = as_float(as_int(from[j]) + 1);'
}

# An exponential is another by a tenth of a rounding, which no bound can tell.
plant_bits() {
    plant functions.cl '0.00836874545f' '0.0083700f'
}

# The items that are not the first sum up what nobody has written.
plant_uninitialized() {
    plant common.cl 'scratch[item] = value;' 'if (item == 0) scratch[item] = value;'
}
